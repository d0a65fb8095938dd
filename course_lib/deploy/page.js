// Classifies a photo inside the browser: resizes it as deploy.json says, and runs the exported ONNX network.
const at = id => document.getElementById(id);
const told = JSON.parse(at("deploy").textContent);
const say = text => { at("said").textContent = text; };

async function unpacked(id) {
  const packed = Uint8Array.from(atob(at(id).textContent), sign => sign.charCodeAt(0));
  const stream = new Blob([packed]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

async function opened() {
  const code = URL.createObjectURL(new Blob([await unpacked("runtime")], { type: "text/javascript" }));
  const ort = await import(code);
  URL.revokeObjectURL(code);
  ort.env.wasm.numThreads = 1; // more need headers that a file has not
  ort.env.wasm.wasmBinary = (await unpacked("wasm")).buffer;
  const session = await ort.InferenceSession.create(await unpacked("network"), { executionProviders: ["wasm"] });
  return { ort, session };
}

// Python rounds halves to the even number, and the crop must be the same.
const rounded = x => (Math.abs(x % 1) === 0.5 ? 2 * Math.round(x / 2) : Math.round(x));
const cubic = x => (x < 1 ? (1.5 * x - 2.5) * x * x + 1 : x < 2 ? ((-0.5 * x + 2.5) * x - 4) * x + 2 : 0);
const triangle = x => Math.max(0, 1 - x);

// One axis of a resize that averages when it shrinks: for each new pixel the first old one, and the weights.
function taps(from, to, count, length, filter, reach) {
  const step = (to - from) / count, wide = Math.max(1, step);
  return Array.from({ length: count }, (_, i) => {
    const centre = from + (i + 0.5) * step;
    const first = Math.max(0, Math.trunc(centre - reach * wide + 0.5));
    const end = Math.min(length, Math.trunc(centre + reach * wide + 0.5));
    const weights = [];
    for (let x = first; x < end; x++) weights.push(filter(Math.abs((x - centre + 0.5) / wide)));
    const sum = weights.reduce((a, b) => a + b, 0);
    return [first, weights.map(w => w / sum)];
  });
}

function resized(image, box, width, height, filter, reach) {
  const across = taps(box[0], box[2], width, image.width, filter, reach);
  const down = taps(box[1], box[3], height, image.height, filter, reach);
  const top = down[0][0], last = down[height - 1], rows = last[0] + last[1].length - top;
  const half = new Uint8ClampedArray(rows * width * 3), out = new Float32Array(height * width * 3);
  for (let y = 0; y < rows; y++)
    across.forEach(([first, weights], x) => {
      for (let c = 0; c < 3; c++) {
        let sum = 0;
        weights.forEach((w, k) => { sum += w * image.data[4 * ((y + top) * image.width + first + k) + c]; });
        half[3 * (y * width + x) + c] = sum;
      }
    });
  down.forEach(([first, weights], y) => {
    for (let x = 0; x < 3 * width; x++) {
      let sum = 0;
      weights.forEach((w, k) => { sum += w * half[3 * (first - top + k) * width + x]; });
      out[3 * y * width + x] = Math.min(255, Math.max(0, Math.round(sum)));
    }
  });
  return out;
}

function prepared(image) {
  const { width, height } = image, size = told.size;
  if (told.letterbox) {
    const scale = size / Math.max(width, height);
    const w = Math.max(1, rounded(width * scale)), h = Math.max(1, rounded(height * scale));
    const inner = resized(image, [0, 0, width, height], w, h, triangle, 1);
    const out = new Float32Array(size * size * 3).fill(114);
    const top = Math.floor((size - h) / 2), left = Math.floor((size - w) / 2);
    for (let y = 0; y < h; y++) out.set(inner.subarray(3 * y * w, 3 * (y + 1) * w), 3 * ((top + y) * size + left));
    return out;
  }
  if (!told.crop) return resized(image, [0, 0, width, height], size, size, cubic, 2);
  const shorter = rounded(size / told.crop), scale = shorter / Math.min(width, height);
  const high = Math.max(shorter, Math.floor(height * scale)), wide = Math.max(shorter, Math.floor(width * scale));
  const top = rounded((high - size) / 2), left = rounded((wide - size) / 2);
  const y = height / high, x = width / wide;
  const box = [left * x, top * y, Math.min(width, (left + size) * x), Math.min(height, (top + size) * y)];
  return resized(image, box, size, size, cubic, 2);
}

async function pixels(file) {
  const picture = await createImageBitmap(file, { colorSpaceConversion: "none" });
  const canvas = at("photo"), brush = canvas.getContext("2d", { willReadFrequently: true });
  [canvas.width, canvas.height, canvas.hidden] = [picture.width, picture.height, false];
  brush.fillStyle = "white"; // behind what is transparent
  brush.fillRect(0, 0, canvas.width, canvas.height);
  brush.drawImage(picture, 0, 0);
  return brush.getImageData(0, 0, canvas.width, canvas.height);
}

function show(scores) {
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a]).slice(0, 5);
  at("guesses").replaceChildren(...order.map(i => {
    const item = document.createElement("li"), line = document.createElement("div"), bar = document.createElement("i");
    line.append(Object.assign(document.createElement("span"), { textContent: told.labels[i] }));
    line.append(Object.assign(document.createElement("span"), { textContent: (100 * scores[i]).toFixed(1) + "%" }));
    bar.style.width = 100 * scores[i] + "%";
    item.append(line, bar);
    return item;
  }));
}

const ready = opened();
ready.then(() => say("Ready."), error => say("This browser can't run the network: " + error.message));

async function classify(file) {
  try {
    say("Looking ...");
    at("guesses").replaceChildren();
    const image = await pixels(file), { ort, session } = await ready, begun = performance.now();
    const input = new ort.Tensor("float32", prepared(image), [1, told.size, told.size, 3]);
    const answer = await session.run({ [session.inputNames[0]]: input });
    show(answer[session.outputNames[0]].data);
    say("Done in " + Math.round(performance.now() - begun) + " ms, on your own machine.");
  } catch (error) {
    say("This file can't be looked at: is it a picture? (" + error.message + ")");
  }
}

at("file").addEventListener("change", event => { if (event.target.files[0]) classify(event.target.files[0]); });
for (const kind of ["dragover", "dragleave", "drop"])
  document.addEventListener(kind, event => {
    event.preventDefault();
    at("drop").classList.toggle("over", kind === "dragover");
    if (kind === "drop" && event.dataTransfer.files[0]) classify(event.dataTransfer.files[0]);
  });
