from copilot_metrics import errors


def test_the_tree_in_the_docstring_is_the_tree_of_the_classes() -> None:
    drawn = [line.strip("│├└─ ").split()[0] for line in (errors.__doc__ or "").splitlines()[2:] if line.strip()]
    assert drawn == _walk(errors.ReportError)


def _walk(kind: type[errors.ReportError]) -> list[str]:
    return [kind.__name__, *(name for child in kind.__subclasses__() for name in _walk(child))]


def test_the_text_of_an_error_is_the_message_and_the_action() -> None:
    error = errors.NotFound("orgs/octo: GitHub answered 404.", "Check the name.")
    assert str(error) == "orgs/octo: GitHub answered 404. Check the name."
    assert str(errors.OutputError("Full.")) == "Full."


def test_an_input_error_has_a_line_for_each_problem() -> None:
    assert str(errors.InputError(["a.", "b."])) == "a.\nb."
