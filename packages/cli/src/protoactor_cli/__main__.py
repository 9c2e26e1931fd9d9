"""`python -m protoactor_cli`, where the command is not on the path."""

from protoactor_cli import main

__all__: list[str] = []

if __name__ == "__main__":
    main()
