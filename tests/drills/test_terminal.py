"""What a drill shows while it runs, where nothing can be redrawn."""

from openconsular.drills.terminal import Screen


def test_a_log_gets_one_line_for_each_new_stage_and_each_end(capsys):
    with Screen() as screen:
        screen.progress("people", 0, 1000)
        screen.progress("people", 500, 1000)
        screen.progress("people", 1000, 1000)
        screen.progress("people", 1000, 1000)
        screen.progress("answered", 3, 10)
    said = capsys.readouterr()
    assert said.out == ""
    assert [line.split()[-1] for line in said.err.splitlines()] == ["0/1,000", "1,000/1,000", "3/10"]
