"""The command line: each command parses, calls, prints; `main` turns errors into exit codes.

Exit codes: 0 ok, 1 failure, 2 usage, 3 some inputs failed, 4 rejected readings (if asked for), 130
interrupted. Data goes to stdout, talk to stderr.
"""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer
from typer.exceptions import TyperException

from hdalr import __version__
from hdalr.cli import (
    ablate,
    compare,
    data,
    evaluate,
    feedback,
    form,
    read,
    report,
    serve,
    sizes,
    train,
    tune,
)
from hdalr.errors import HdalrError, ParameterError, UnknownNameError, name_extra

INTERRUPTED = 130

app = typer.Typer(
    help="Compare models on handwritten digits and letters, and read handwriting with them.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("read")(read.read)
app.command("evaluate")(evaluate.evaluate)
app.command("serve")(serve.serve)
app.command("train")(train.train)
app.command("compare")(compare.compare)
app.command("ablate")(ablate.ablate)
app.command("sizes")(sizes.sizes)
app.command("tune")(tune.tune)
app.command("report")(report.report)
app.add_typer(form.app, name="form")
app.add_typer(feedback.app, name="feedback")
app.add_typer(data.app, name="data")


@app.callback(invoke_without_command=True)
def options(
    version: Annotated[bool, typer.Option("--version", help="Print the version.")] = False,
) -> None:
    """Compare models on handwritten digits and letters, and read handwriting with them."""
    if version:
        typer.echo(f"hdalr {__version__}")
        raise typer.Exit


def main() -> None:
    """Run the command line and end the process with its exit code."""
    for stream in (sys.stdout, sys.stderr):
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        code = app(standalone_mode=False)
        sys.stdout.flush()
    except TyperException as error:  # a wrong command, option or value
        code = _say(f"{error.format_message() or 'a command is missing'} (try --help)", 2)
    except (UnknownNameError, ParameterError) as error:
        code = _say(error, 2)
    except HdalrError as error:
        code = _say(error, 1)
    except ModuleNotFoundError as error:
        if (named := name_extra(error)) is error:
            raise
        code = _say(named, 1)
    except MemoryError:
        code = _say("out of memory; try fewer pictures, see --limit", 1)
    except OSError as error:  # of the output itself: what is read and written has its own errors
        code = _say(f"the output could not be written: {error.strerror or error}", 1)
        _close_stdout()
    except (KeyboardInterrupt, typer.Abort):
        code = INTERRUPTED
    if code == INTERRUPTED:  # typer turns Ctrl-C into this code, without a word
        _say("interrupted", code)
    sys.exit(code)


def _say(message: object, code: int) -> int:
    """One line on stderr, whatever control characters a file name may hold."""
    text = "".join(c if c.isprintable() else ascii(c)[1:-1] for c in str(message))
    typer.echo(f"hdalr: {text}", err=True)
    return code


def _close_stdout() -> None:
    """Drop what cannot be written, so that Python does not try again at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
