// Every quiz on the page that is not yet wired: a notebook may show the same one twice, so no id is looked up.
(() => {
  const decode = (text) =>
    JSON.parse(new TextDecoder().decode(Uint8Array.from(atob(text), (c) => c.charCodeAt(0))));
  const wire = (form) => {
    form.dataset.wired = "yes";
    form.addEventListener("submit", (event) => event.preventDefault());
    form.querySelectorAll('[role="status"]').forEach((status) => (status.textContent = "Choose an answer."));
    form.addEventListener("change", (event) => {
      const said = decode(event.target.dataset.a);
      const status = event.target.closest("fieldset").querySelector('[role="status"]');
      status.innerHTML = "<strong>" + said.heading + "</strong> " + said.why;
      status.style.borderLeftColor = said.colour;
    });
  };
  const wireAll = () => document.querySelectorAll("form.course-quiz:not([data-wired])").forEach(wire);
  wireAll();
  // Some pages run this script before the form above it is in the document.
  setTimeout(wireAll, 0);
  setTimeout(wireAll, 500);
})();
