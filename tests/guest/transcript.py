# SPDX-License-Identifier: MIT
"""Compares two transcripts, answer by answer, against a list of allowed differences.

A transcript has one "question = answer" a line. A line of the list reads

    question | Linux's answer | our answer | reason

where a question may end in "*" to stand for all that begin so, as long as each
of them has these answers.
A difference that is not listed, a listed one that did not occur, and a question
that one side did not answer, are all failures.
"""

import fnmatch


def answers(text):
    """{question: answer}; a question asked twice is a mistake of the program."""
    found = {}
    for line in text.splitlines():
        question, separator, answer = line.partition(" = ")
        if not separator:
            raise ValueError(f"not an answer: {line!r}")
        if question in found:
            raise ValueError(f"asked twice: {question!r}")
        found[question] = answer.strip()
    return found


def allowed(path):
    """[(pattern, theirs, ours)] of a list; every line must give its reason."""
    rows = []
    for line in path.read_text().splitlines():
        if not line or line.startswith("#"):
            continue
        fields = [field.strip() for field in line.split("|")]
        if len(fields) != 4 or not fields[3]:
            raise ValueError(f"{path.name}: not 'question | theirs | ours | reason': {line}")
        rows.append(tuple(fields[:3]))
    return rows


def problems(theirs, ours, rows):
    """Lines that say what is wrong; none when the transcripts agree as far as they must."""
    wrong = []
    used = set()
    for question in sorted(set(theirs) | set(ours)):
        their, our = theirs.get(question, "(not asked)"), ours.get(question, "(not asked)")
        if their == our:
            continue
        fits = [row for row in rows if fnmatch.fnmatchcase(question, row[0])
                and row[1:] == (their, our)]
        used.update(fits)
        if not fits:
            wrong.append(f"{question}: Linux '{their}', ours '{our}'")
    wrong += [f"listed, but did not occur: {' | '.join(row)}" for row in rows if row not in used]
    return wrong
