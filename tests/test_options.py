"""Options come from the environment, then the file, then their default; wrong ones say what to do."""

import pytest

from masthead import options


def test_the_environment_wins_over_the_file_and_the_file_over_the_default(tmp_path):
    (tmp_path / "masthead.toml").write_text('port = 9000\naddress = "0.0.0.0"\n')
    read = options.read(tmp_path, {"MASTHEAD_PORT": "9100"})
    assert (read["port"], read["address"], read["processes"]) == (9100, "0.0.0.0", 1)  # noqa: S104


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("prot = 1", "unknown option “prot”"),
        ('port = "x"', "port must be a whole number"),
        ("port = true", "port must be a whole number"),
        ("debug = 1", "debug must be true or false"),
        ("hosts = 'a'", "hosts must be a list of texts"),
        ("port = ", "cannot be read"),
    ],
)
def test_a_wrong_line_is_refused_with_one_sentence(tmp_path, line, said):
    (tmp_path / "masthead.toml").write_text(line)
    with pytest.raises(options.WrongOption, match=said):
        options.read(tmp_path, {})


@pytest.mark.parametrize(("name", "value"), [("MASTHEAD_PORT", "eighty"), ("MASTHEAD_DEBUG", "perhaps")])
def test_a_wrong_variable_is_refused(tmp_path, name, value):
    with pytest.raises(options.WrongOption, match=name):
        options.read(tmp_path, {name: value})


def test_the_commented_file_sets_nothing_and_every_line_of_it_works_when_switched_on(tmp_path):
    file = tmp_path / "masthead.toml"
    file.write_text(options.as_toml())
    assert options.read(tmp_path, {}) == {option.name: option.default for option in options.OPTIONS}
    names = [option.name for option in options.OPTIONS]
    lines = [line[1:] if line[1:].split(" = ")[0] in names else line for line in options.as_toml().splitlines()]
    file.write_text("\n".join(lines))
    assert options.read(tmp_path, {}) == {option.name: option.default for option in options.OPTIONS}
