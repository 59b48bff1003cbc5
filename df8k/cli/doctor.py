"""``df8k doctor``."""

import click

from ._console import json_option, print_json
from ._tables import print_table, print_text


@click.command(epilog="Example: df8k doctor")
@json_option
def doctor(as_json: bool) -> None:
    """What works on this machine, what is missing, how to get it, and what would spoil a timing on it."""  # noqa: D401 - what --help shows
    from _df8k.extras import EXTRAS
    from df8k import baselines
    from df8k.leaderboard.latency.machine import look, spoilers
    from df8k.leaderboard.results.environment import describe_environment

    state = look()  # before this command makes the machine busy itself
    spoiled = spoilers(state)
    machine = describe_environment()
    methods = {}
    for name in baselines.methods():
        try:
            card = baselines.load(name).card
        except baselines.MethodError as error:
            methods[name] = str(error)
            continue
        state_of = "runs on untrained weights: not for the board" if card.untrained else "ready"
        methods[name] = "ready, as a control" if card.control else state_of
    missing = {extra.name: extra.missing() for extra in EXTRAS}
    if as_json:
        timing = {"state": state.model_dump(mode="json"), "spoilers": spoiled}
        extras = [{"name": e.name, "adds": e.adds, "missing": missing[e.name]} for e in EXTRAS]
        print_json(
            {"environment": machine.model_dump(), "methods": methods, "extras": extras, "timing": timing}
        )
        return
    rows = [
        ["processor", machine.cpu],
        ["threads", f"{machine.threads} of {machine.cores} cores"],
        ["memory", f"{machine.memory_bytes / 2**30:.1f} GiB"],
        ["GPU", machine.gpu or "none found by torch: methods run on the processor"],
        ["system", f"{machine.system}, Python {machine.python}"],
        *([name, version] for name, version in machine.libraries.items()),
    ]
    print_table("machine", ["what", "found"], rows, range(2))
    print_table("methods", ["method", "state"], list(methods.items()), range(2))
    extras_rows = [[e.name, "absent" if missing[e.name] else "here", e.adds] for e in EXTRAS]
    print_table("extras", ["name", "state", "adds"], extras_rows, range(3))
    print_text("what is absent comes by its name: pip install 'df8k[NAME]'")
    spoiled = spoiled or ["nothing that was looked for"]
    print_table("what would spoil a timing", ["seen"], [[text] for text in spoiled])
