"""`python -m tools.markup [--check]`."""

import sys

from tools.markup.house import FILES, ROOT, too_long

if __name__ == "__main__":
    wrong = []
    for pattern, form in FILES.items():
        for file in sorted(ROOT.glob(pattern)):
            source = file.read_text()
            text = form(source)
            if text != source and "--check" in sys.argv:
                wrong.append(f"{file.relative_to(ROOT)} is not formatted; make format does it")
            elif text != source:
                file.write_text(text)
            wrong += [f"{file.relative_to(ROOT)}:{line} is too long" for line in too_long(text)]
    for line in wrong:
        print(line)
    sys.exit(1 if wrong else 0)
