"""A method's process is a program of its own: arguments, standard streams, exits, threads, children."""

import textwrap
import time

import numpy as np
import pytest

from baselines import Limits, MethodFailedError, open_method

LIMITS = Limits(seconds=30, start_seconds=60)


def opened(folder, text, name="method.py", limits=LIMITS):
    path = folder / name
    path.write_text(textwrap.dedent(text))
    return open_method(f"{path}:load", limits=limits)


BODY = """
    import os, subprocess, sys, threading
    def load():
        def fill(image, mask):
            {body}
            image[mask] = 7
            return image
        return fill
"""


@pytest.mark.parametrize(
    "text",
    [
        "import argparse; p = argparse.ArgumentParser(); p.add_argument('--w', default=1); p.parse_args()",
        "import optparse; assert optparse.OptionParser().parse_args()[1] == []",
        "import getopt, sys; assert getopt.getopt(sys.argv[1:], 'x')[1] == []",
        "import sys, os; assert [os.path.realpath(a) for a in sys.argv] == [os.path.realpath(__file__)]",
        "import sys; assert sys.stdin.read() == ''",
        "import sys; sys.stdout = sys.stdin = None",
        "import os; os.close(1); os.close(2); os.close(0)",
        "import os; os.dup2(os.open('/dev/null', os.O_RDWR), 0)",
    ],
)
def test_what_belongs_to_a_program_at_import_is_its_own(tmp_path, picture, text):
    method = opened(tmp_path, text + "\n" + textwrap.dedent(BODY.format(body="pass")))
    output = method(*picture)
    assert (output[picture[1]] == 7).all()


@pytest.mark.parametrize(
    "body",
    [
        "\n            try: input('go on? [y/N] ')\n            except EOFError: pass",
        "assert sys.stdin.buffer.read() == b'' and sys.stdin.fileno() == 0",
        "subprocess.run(['cat'], timeout=8, stdout=subprocess.DEVNULL, check=True)",
        "assert subprocess.run('cat; cat', shell=True, capture_output=True, timeout=8).stdout == b''",
        "print('{}', flush=True); os.write(1, b'no answer\\n')",
        "thread = threading.Thread(target=sys.exit, args=('a thread ends',)); thread.start(); thread.join()",
        "subprocess.Popen(['sleep', '60'])",
    ],
)
def test_standard_input_is_empty_and_output_is_free(tmp_path, picture, body):
    method = opened(tmp_path, BODY.format(body=body))
    for _ in range(2):
        assert (method(*picture)[picture[1]] == 7).all()
    method.close()


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ("sys.exit('bad weights')", "exit code 1: bad weights"),
        ("print('gone'); sys.exit(7)", "exit code 7: gone"),
        ("sys.exit()", "exit code 0"),
        ("raise SystemExit('no licence')", "exit code 1: no licence"),
        ("print('by hand', flush=True); os._exit(9)", "exit code 9: by hand"),
        (
            "threading.Thread(target=lambda: __import__('time').sleep(0.3)).start(); sys.exit('later')",
            "exit code 1: later",
        ),
        ("subprocess.Popen(['sleep', '60']); sys.exit('with a child')", "exit code 1: with a child"),
        ("os.fork() or __import__('time').sleep(60); sys.exit('with a fork')", "exit code 1: with a fork"),
    ],
)
def test_exits_are_told_as_a_shell_would(tmp_path, picture, body, words):
    method = opened(tmp_path, BODY.format(body=body))
    start = time.monotonic()
    with pytest.raises(MethodFailedError) as caught:
        method(*picture)
    assert caught.value.kind == "crash"
    assert words in str(caught.value)
    assert "memory" not in str(caught.value)
    assert time.monotonic() - start < 20


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("import sys; sys.exit('no GPU here')", "no GPU here"),
        ("import sys; print('usage: method'); sys.exit(2)", "exit code 2: usage: method"),
        (
            "import argparse; p = argparse.ArgumentParser(); p.add_argument('w'); p.parse_args()",
            "exit code 2: .*arguments are required: w",
        ),
        ("import os; os.closerange(3, 256); import time; time.sleep(60)", "closed its channel"),
    ],
)
def test_exits_while_loading_say_why(tmp_path, text, words):
    with pytest.raises(MethodFailedError, match=words):
        opened(tmp_path, text)


POOL = """
    import multiprocessing, os
    from concurrent.futures import ProcessPoolExecutor

    def shade(value):
        return value + 1, os.getpid()

    class Shade:
        def __init__(self, value):
            self.value = value

    def load():
        def fill(image, mask):
            context = multiprocessing.get_context({start!r})
            if {executor}:
                with ProcessPoolExecutor(1, mp_context=context) as pool:
                    value, number = pool.submit(shade, 41).result(timeout=60)
            else:
                with context.Pool(1) as pool:
                    assert pool.map(Shade, [3])[0].value == 3
                    value, number = pool.map(shade, [41])[0]
            assert number != os.getpid()
            image[mask] = value
            return image
        return fill
"""


@pytest.mark.parametrize(
    ("start", "executor", "name"),
    [
        ("spawn", False, "method.py"),
        ("spawn", True, "my-method.py"),
        ("spawn", False, "method.v1.2.py"),
        ("spawn", False, "time.py"),
        ("fork", False, "method.py"),
        ("forkserver", True, "method.py"),
    ],
)
def test_pools_of_children_work(tmp_path, picture, start, executor, name):
    method = opened(tmp_path, POOL.format(start=start, executor=executor), name)
    for _ in range(2):
        assert (method(*picture)[picture[1]] == 42).all()
    method.close()


def test_a_repository_imports_the_method_by_its_name_once(tmp_path, picture):
    (tmp_path / "helper.py").write_text("def value():\n    import method\n    return method.VALUE\n")
    text = """
        VALUE = 5
        def load():
            global VALUE
            VALUE = 6
            import helper
            def fill(image, mask):
                image[mask] = helper.value()
                return image
            return fill
    """
    assert (opened(tmp_path, text)(*picture)[picture[1]] == 6).all()


def test_children_inherit_neither_channel_nor_pictures(tmp_path, picture):
    body = (
        "open('seen', 'w').write(subprocess.run(['ls', '-l', '/proc/self/fd'], capture_output=True, "
        "text=True, close_fds=False).stdout)"
    )
    opened(tmp_path, BODY.format(body=body))(*picture)
    seen = (tmp_path / "seen").read_text()
    assert "memfd" not in seen
    assert "socket" not in seen


def test_closing_lets_a_method_end_as_a_program_does(tmp_path, picture):
    text = "import atexit; atexit.register(lambda: open('left', 'w').close())\n"
    method = opened(tmp_path, text + textwrap.dedent(BODY.format(body="pass")))
    method(*picture)
    method.close()
    assert (tmp_path / "left").exists()
    hanging = opened(
        tmp_path, "import atexit, time; atexit.register(time.sleep, 60)\ndef load(): return lambda i, m: i"
    )
    start = time.monotonic()
    hanging.close()
    assert time.monotonic() - start < 20


def test_a_command_reads_an_empty_standard_input(tmp_path, picture):
    script = tmp_path / "fill.sh"
    script.write_text("cat && cp $1 $2\n")
    method = open_method(f"cmd:sh {script} {{image}} {{output}} {{mask}}", limits=LIMITS)
    assert np.array_equal(method(*picture), picture[0])
