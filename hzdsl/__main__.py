"""``python -m hzdsl`` is the command line."""

from hzdsl.cli import main

if __name__ == "__main__":
    main()
