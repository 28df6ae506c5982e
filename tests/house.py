"""The house in numbers: what modules import, ask the kind of, reach into. `python tests/house.py` prints the counts.

`test_architecture.py` holds each of them below a bound, which only ever falls.
"""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "distconv"
#: The classes of number systems: whoever asks for one by `isinstance` does that class's work.
NUMBER_SYSTEMS = {"Rational", "Floating", "Symbolic", "Signed"}
FUNCTION = (ast.FunctionDef, ast.AsyncFunctionDef)


def module_name(path: Path) -> str:
    """`distconv/a/b.py` is distconv.a.b, and a package is named after its folder."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


TEXTS = {module_name(path): path.read_text("utf-8") for path in sorted(PACKAGE.rglob("*.py"))}
TREES = {name: ast.parse(text) for name, text in TEXTS.items()}


def kinds_of_law() -> set[str]:
    """The names of all classes below `Law`, but for itself: what is asked of it is asked of every law."""
    bases = {
        node.name: {ast.unparse(base).rpartition(".")[2] for base in node.bases}
        for tree in TREES.values()
        for node in ast.walk(tree)
        if isinstance(node, ast.ClassDef)
    }
    kinds = {"Law"}
    while more := {name for name, above in bases.items() if above & kinds} - kinds:
        kinds |= more
    return kinds - {"Law"}


def for_checkers(tree: ast.Module) -> set[ast.AST]:
    """What only type checkers see."""
    blocks = [n for n in ast.walk(tree) if isinstance(n, ast.If) and ast.unparse(n.test) == "TYPE_CHECKING"]
    return {node for block in blocks for node in ast.walk(block)}


def inside_functions(tree: ast.Module) -> set[ast.AST]:
    """The nodes that run only when a function is called."""
    functions = [n for n in ast.walk(tree) if isinstance(n, FUNCTION)]
    return {node for function in functions for node in ast.walk(function) if node is not function}


def own_imports(name: str) -> Iterator[tuple[ast.AST, str]]:
    """Each import of a module of ours in a module, and what it names."""
    hidden = for_checkers(TREES[name])
    for node in ast.walk(TREES[name]):
        if node in hidden or not isinstance(node, ast.Import | ast.ImportFrom):
            continue
        if isinstance(node, ast.Import):
            named = [a.name for a in node.names]
        else:
            named = [f"{node.module}.{a.name}" for a in node.names] if node.module else []
        for target in named:
            while target and target not in TREES:
                target = target.rpartition(".")[0]
            if target and target != name:
                yield node, target


def imports_inside_functions() -> int:
    """Imports of our own modules that wait until a function is called."""
    later = {name: inside_functions(tree) for name, tree in TREES.items()}
    return sum(node in later[name] for name in TREES for node, _ in own_imports(name))


def largest_circle() -> int:
    """How many modules import one another, directly or through others: the largest such set; 0 if there is none."""
    reached = {name: {target for _, target in own_imports(name)} for name in TREES}
    for middle in TREES:
        for name in TREES:
            if middle in reached[name]:
                reached[name] |= reached[middle]
    circles = [[other for other in reached[name] if name in reached[other]] for name in TREES if name in reached[name]]
    return max((len(circle) for circle in circles), default=0)


def kinds_asked() -> Iterator[set[str]]:
    """The names of classes in each call of `isinstance`."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == "isinstance":
                yield set(re.findall(r"(?<![\w.])\w+", ast.unparse(node.args[1])))


def asked_of(classes: set[str]) -> int:
    """Calls of `isinstance` that name one of these classes."""
    return sum(bool(names & classes) for names in kinds_asked())


def reached_into() -> int:
    """Private attributes of other objects than `self`; sympy's constructors that check nothing are not counted."""
    nodes = [n for tree in TREES.values() for n in ast.walk(tree) if isinstance(n, ast.Attribute)]
    private = [n for n in nodes if n.attr.startswith("_") and not n.attr.startswith("__")]
    return sum(ast.unparse(n.value) not in ("self", "cls", "sympy.Add", "sympy.Mul") for n in private)


def annotations() -> Iterator[str]:
    """What public functions say of their parameters and of what they return."""
    for tree in TREES.values():
        for node in ast.walk(tree):
            if isinstance(node, FUNCTION) and (not node.name.startswith("_") or node.name == "__init__"):
                given = [a.annotation for a in node.args.args + node.args.kwonlyargs]
                yield from (ast.unparse(a) for a in [*given, node.returns] if a)


def files_with(pattern: str) -> list[str]:
    """The modules in whose text a pattern is found."""
    return [name for name, text in TEXTS.items() if re.search(pattern, text)]


def found(pattern: str) -> int:
    """How often a pattern is found in all modules."""
    return sum(len(re.findall(pattern, text)) for text in TEXTS.values())


@cache
def counts() -> dict[str, int]:
    """Each count by the name of its bound."""
    lines = sum(len(text.splitlines()) for text in TEXTS.values())
    contract = (ROOT / "pyproject.toml").read_text("utf-8")
    return {
        "modules in the largest circle of imports": largest_circle(),
        "own imports inside functions": imports_inside_functions(),
        "imports exempt from the contract": len(re.findall(r'"distconv[\w.]* -> distconv', contract)),
        "isinstance of number systems": asked_of(NUMBER_SYSTEMS),
        "isinstance of kinds of law": asked_of(kinds_of_law()),
        "isinstance in 1000 lines": round(1000 * sum(1 for _ in kinds_asked()) / lines),
        "private attributes of others": reached_into(),
        "types ignored": found("# type: ignore"),
        "Any in public signatures": sum(said == "Any" for said in annotations()),
        "comparisons of kinds of weights": found(r"\bkind (?:==|!=|in|not in)\s"),
        "loops that double a precision": found(r"\b(?:bits|prec|precision) \*= 2\b"),
        "laws below the façade that know it": sum(
            n.startswith(("distconv.laws", "distconv.algebra", "distconv.formulas"))
            for n in files_with(r"distconv\.distribution\b")
        ),
        "modules that look for letters": sum(
            not n.startswith("distconv.formulas") for n in files_with(r"(?<!def )free_symbols")
        ),
    }


if __name__ == "__main__":
    for key, value in counts().items():
        print(f"{value:6} {key}")
