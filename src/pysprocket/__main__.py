"""`python -m pysprocket`: the command `sprocket`."""

from pysprocket.cli.main import command

if __name__ == "__main__":
    command()
