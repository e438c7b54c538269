"""Import every module of the checkout from the installed wheel, and find every data file in it."""

import importlib
import sys
from importlib.resources import files
from pathlib import Path

root = Path(sys.argv[1])
modules = [
    ".".join(path.relative_to(root / "engine").with_suffix("").parts).removesuffix(".__init__")
    for path in sorted((root / "engine" / "goalkeeper").rglob("*.py"))
]
for module in modules:
    found = importlib.import_module(module)
    if root in Path(found.__file__ or "").parents:
        sys.exit(f"{module} comes from the checkout, not from the wheel")
shipped = (
    ("rules", "goalkeeper.rules", "**/*.yaml"),
    ("schemas", "goalkeeper.schemas", "*.json"),
    *(
        ("engine/goalkeeper/reporters/html", "goalkeeper.reporters.html", kind)
        for kind in ("*.css", "*.js", "**/*.html")
    ),
)
for folder, package, pattern in shipped:
    for path in sorted((root / folder).glob(pattern)):
        if not files(package).joinpath(path.relative_to(root / folder).as_posix()).is_file():
            sys.exit(f"{path.name} is not in the wheel")
print(f"{len(modules)} modules and all data files are in the wheel")
