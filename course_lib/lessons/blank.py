"""Has a learner begun? Read from the source of the answer, since bytecode cannot tell `...` from `pass`."""

import ast
import inspect
import textwrap
from collections.abc import Iterable
from typing import Any

FunctionNode = ast.FunctionDef | ast.AsyncFunctionDef


def is_blank(answer: Any, starter: str = "") -> bool:
    """Say whether an answer has not been attempted yet.

    Args:
        answer: what the learner passed to `check`: a function, a class, or a value.
        starter: the source that the learner began with.

    Returns:
        True for an answer with `...` left in it, a function without a body, and the unchanged starter.
    """
    if inspect.isclass(answer):
        return _is_blank_class(answer)
    if callable(answer):
        node = _function_node(answer)
        return node is not None and (_is_empty(node) or _has_hole(node) or _is_starter(node, starter))
    if isinstance(answer, (list, tuple)):
        return any(item is ... for item in answer)
    if isinstance(answer, dict):
        return any(item is ... for item in answer.values())
    return answer is ... or answer is None


def _is_blank_class(answer: type) -> bool:
    """A class may well have an empty method: it is blank where a hole is left, or where nothing is in it."""
    own = {
        name: value for name, value in vars(answer).items() if not name.startswith("__") or callable(value)
    }
    nodes = [_function_node(value) for value in own.values() if inspect.isfunction(value)]
    return not own or any(_has_hole(node) or _refuses(node.body) for node in nodes if node is not None)


def _function_node(function: Any) -> FunctionNode | ast.Lambda | None:
    """The function's syntax tree, or None where Python cannot show its source."""
    function = inspect.unwrap(function)
    try:
        tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    except (OSError, TypeError, SyntaxError):
        return None
    name = getattr(function, "__name__", "")
    return next((n for n in ast.walk(tree) if _is_named(n, name)), None)


def _is_named(node: ast.AST, name: str) -> bool:
    if isinstance(node, ast.Lambda):
        return name == "<lambda>"
    return isinstance(node, FunctionNode) and node.name == name


def _is_empty(node: FunctionNode | ast.Lambda) -> bool:
    if isinstance(node, ast.Lambda):
        return False
    body = node.body[1:] if ast.get_docstring(node) is not None else node.body
    return all(_does_nothing(statement) for statement in body)


def _does_nothing(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Return):
        nothing = statement.value is None or ast.unparse(statement.value) in ("None", "...")
    else:
        nothing = isinstance(statement, ast.Expr) and _is_ellipsis(statement.value)
    return nothing or isinstance(statement, ast.Pass) or _refuses([statement])


def _refuses(body: list[ast.stmt] | ast.expr) -> bool:
    """Ends in `raise NotImplementedError`, with or without a message."""
    last = body[-1] if isinstance(body, list) else body
    if not isinstance(last, ast.Raise):
        return False
    error = last.exc.func if isinstance(last.exc, ast.Call) else last.exc
    return isinstance(error, ast.Name) and error.id == "NotImplementedError"


def _has_hole(node: FunctionNode | ast.Lambda) -> bool:
    """`...` anywhere but in an index or an annotation, where it has a meaning of its own."""
    body = node.body if isinstance(node.body, list) else [node.body]
    return any(_is_ellipsis(child) for statement in body for child in _walk_code(statement))


def _walk_code(node: ast.AST) -> Iterable[ast.AST]:
    yield node
    skipped = {"slice", "annotation", "returns"}
    for field, value in ast.iter_fields(node):
        if field in skipped:
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk_code(child)


def _is_ellipsis(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and node.value is ...


def _is_starter(node: FunctionNode | ast.Lambda, starter: str) -> bool:
    if isinstance(node, ast.Lambda):
        return False
    begun = [n for n in ast.walk(ast.parse(starter)) if _is_named(n, node.name)]
    return any(ast.dump(n) == ast.dump(node) for n in begun)
