# SPDX-License-Identifier: MIT
"""An INF file as sections of lines, as Windows' set-up reads it: names without regard to case."""
import re
from dataclasses import dataclass, field

STRING_TOKEN = re.compile(r"%([^%]*)%")


@dataclass(frozen=True)
class Line:
    number: int
    key: str            # "" where the line has none
    values: tuple       # what stands between commas, without quotes, tokens not resolved


@dataclass
class Inf:
    sections: dict = field(default_factory=dict)    # lower-case name: list of lines
    names: dict = field(default_factory=dict)       # lower-case name: as it is written
    problems: list = field(default_factory=list)    # (line number, what is wrong)

    def lines(self, section):
        return self.sections.get(section.lower(), [])

    def value(self, section, key):
        """The values of the first line of `section` with `key`, or ()."""
        return next((line.values for line in self.lines(section)
                     if line.key.lower() == key.lower()), ())

    def text(self, value):
        """`value` with its %tokens% replaced; directory ids and %% stay what they are."""
        def replaced(match):
            token = match[1]
            found = self.value("Strings", token)
            return found[0] if found else match[0]
        return STRING_TOKEN.sub(replaced, value)


def without_comment(text):
    quoted = False
    for at, letter in enumerate(text):
        if letter == '"':
            quoted = not quoted
        elif letter == ";" and not quoted:
            return text[:at].strip()
    return text.strip()


def split_outside_quotes(text, separator, most=-1):
    """`text` cut at each `separator` that stands outside quotes, at most `most` times."""
    parts, quoted = [""], False
    for letter in text:
        if letter == '"':
            quoted = not quoted
        if letter == separator and not quoted and most != len(parts) - 1:
            parts.append("")
        else:
            parts[-1] += letter
    return [part.strip() for part in parts]


def unquoted(text):
    """Quotes around a value go, and a doubled one inside it is one."""
    if len(text) >= 2 and text[0] == text[-1] == '"':
        return text[1:-1].replace('""', '"')
    return text


def parse(text):
    inf, section = Inf(), None
    for number, raw in enumerate(text.splitlines(), 1):
        line = without_comment(raw)
        if not line:
            continue
        if line.startswith("["):
            name = line[1:-1].strip()
            if not line.endswith("]") or not name:
                inf.problems.append((number, "a section's name ends with ]"))
            elif name.lower() in inf.sections:
                inf.problems.append((number, f"[{name}] is there twice"))
            section = inf.sections.setdefault(name.lower(), [])
            inf.names.setdefault(name.lower(), name)
            continue
        if section is None:
            inf.problems.append((number, "a line before the first section"))
            continue
        if line.count('"') % 2:
            inf.problems.append((number, "a quote that is not closed"))
        key, *rest = split_outside_quotes(line, "=", 1)
        values = split_outside_quotes(rest[0] if rest else key, ",")
        section.append(Line(number, unquoted(key) if rest else "", tuple(map(unquoted, values))))
    return inf


def disk(inf, platform, number):
    """What is known of a disk on a platform, "x86" or "amd64"; () where it is not there."""
    return (inf.value(f"SourceDisksNames.{platform}", number) or
            inf.value("SourceDisksNames", number))


def models(inf):
    """(platform, line) of every model: what is installed for which hardware ids."""
    for maker in inf.lines("Manufacturer"):
        for platform in maker.values[1:]:
            for line in inf.lines(f"{maker.values[0]}.{platform}"):
                yield platform, line


def hardware_ids(inf):
    """The ids of all platforms, lower-case, in the order in which they come first."""
    return list(dict.fromkeys(hardware_id.lower() for _, line in models(inf)
                              for hardware_id in line.values[1:]))
