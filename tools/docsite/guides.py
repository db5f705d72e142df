"""A page for each of the five installation guides (tests/seeds): what is done here for each of its steps."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import yaml
from pages import table
from seeds import guides

Facts = Mapping[str, Any]
# Of each host: file to section to option to the value that the roles write.
Rendered = Mapping[str, Mapping[str, Mapping[str, Any]]]

ANSWERS = Path(__file__).with_name("guides.yml")
# The release whose options tests/seeds/options.yml judges by: that of the platform nearest to the guides.
JUDGE = "Zed"
ROLES = ("keystone", "glance", "placement", "neutron")
CORRECTED = ("where", "the guide has", "why not")
NODES = {"controller": "the controller", "compute": "the compute host"}


# How a verdict names the option that took the place of another one.
SUCCESSOR = re.compile(r"^\[(\w+)\] (\w+)$")
# How an answer names a module, a role or another page.
PLACES = {"module": "../reference/{}_module.rst", "role": "../roles/{}.md", "page": "../{}.md"}
PLACE = re.compile(r"\((module|role|page):([\w-]+)\)")


class StepError(Exception):
    """A step that nothing answers."""


class Step(NamedTuple):
    """A step of a guide, as a line of text, and what the answer may want to say of it."""

    kind: str
    text: str
    names: Mapping[str, str]


@dataclass(frozen=True)
class Sources:
    """What a page is made of in addition to its guide."""

    answers: Mapping[str, Sequence[Mapping[str, str]]]
    deviations: Sequence[Mapping[str, Any]]
    verdicts: Sequence[Sequence[str]]
    rendered: Mapping[str, Rendered]


def summary(text: str) -> str:
    """What the head of a guide's file says that it is."""
    lines = [line[2:] for line in text.splitlines() if line.startswith("# ")]
    return " ".join(lines).partition(" README.md")[0]


def answer(step: Step, answers: Mapping[str, Sequence[Mapping[str, str]]]) -> str:
    """What does a step here. Raises StepError where nothing does."""
    for entry in answers.get(step.kind, ()):
        if re.search(entry["matching"], step.text):
            text = entry["here"].format_map(step.names)
            return PLACE.sub(lambda match: f"({PLACES[match[1]].format(match[2])})", text)
    raise StepError(
        f"Cannot answer step {step.text!r} of kind {step.kind}: guides.yml has no entry. Add one."
    )


def role(service: str) -> str:
    """The role of a service, or of what belongs to it."""
    return next((name for name in ROLES if name in service), "controller")


def variable(secret: str) -> str:
    """The variable of a password."""
    return f"cloud_{secret}_{'secret' if secret == 'metadata' else 'password'}"


def unit_role(unit: str, node: str) -> str:
    """The role that has a unit."""
    if "nova-compute" in unit or unit == "libvirtd":
        return "compute"
    found = role(unit)
    return "compute" if found == "controller" and node == "compute" else found


def cloud_steps(facts: Facts) -> Iterator[Step]:
    """The steps before and beside the hosts: passwords, databases, Keystone's accounts and endpoints."""
    for name, what in facts.get("secrets", {}).items():
        yield Step("secrets", name, {"variable": variable(name), "what": what})
    for name, database in facts.get("databases", {}).items():
        hosts = ", ".join(f"`{host}`" for host in database["hosts"])
        text = f"`{name}`: account `{database['user']}` from {hosts}, all privileges"
        yield Step("databases", text, {"role": role(name)})
    keystone = facts.get("keystone", {})
    if "region" in keystone:
        yield Step("region", f"region `{keystone['region']}`", {})
    for kind in ("domains", "projects"):
        for name, entry in keystone.get(kind, {}).items():
            yield Step(kind, f"{name}: {kind[:-1]}, {entry['description']}", {})
    for name in keystone.get("roles", ()):
        yield Step("roles", f"role `{name}`", {})
    for name, user in keystone.get("users", {}).items():
        roles = "; ".join(
            f"{', '.join(given)} in project {project}" for project, given in user["roles"].items()
        )
        yield Step("users", f"{name}: user, {roles}", {"role": role(name)})
    for name, service in keystone.get("services", {}).items():
        urls: dict[str, list[str]] = {}
        for interface, url in service["endpoints"].items():
            urls.setdefault(_resolved(url, facts), []).append(interface)
        endpoints = "; ".join(f"{', '.join(interfaces)} `{url}`" for url, interfaces in urls.items())
        yield Step("services", f"service {name} ({service['type']}): {endpoints}", {"role": role(name)})


def host_steps(node: str, bill: Facts) -> Iterator[Step]:
    """The steps on a host but for the options of its files."""
    names = {"role": "compute" if node == "compute" else "controller"}
    if "selinux" in bill:
        yield Step("selinux", f"{bill['selinux']['mode']}, in `{bill['selinux']['file']}`", names)
    for disk, layout in bill.get("disks", {}).items():
        parts = ", ".join(f"`{name}` ({part['filesystem']})" for name, part in layout["partitions"].items())
        yield Step("disks", f"`{disk}`: {parts}", names)
    for group in _package_groups(bill.get("packages", ())):
        yield Step("packages", " ".join(f"`{name}`" for name in group), names)
    for path, source in bill.get("copies", {}).items():
        yield Step("copies", f"`{path}`, copied from {NODES[source['node']]}", names)
    for path, sections in bill.get("exclusive_sections", {}).items():
        listed = ", ".join(f"`[{section}]`" for section in sections)
        yield Step("exclusive_sections", f"nothing else in {listed} of `{path}`", names)
    for path, lines in bill.get("lines", {}).items():
        yield Step("lines", f"{path}: {_some(lines)}", names)
    for path, target in bill.get("links", {}).items():
        yield Step("links", f"{path}, a link to {target}", names)
    for path in bill.get("removed", ()):
        yield Step("removed", f"`{path}` removed", names)
    for path, mount in bill.get("mounts", {}).items():
        yield Step("mounts", f"`{mount['device']}` at `{path}`", names)
    for module, states in bill.get("kernel_modules", {}).items():
        yield Step("kernel_modules", f"{module}: {_words(states)}", names)
    for name, value in bill.get("sysctl", {}).items():
        yield Step("sysctl", f"`{name}` = `{value}`", names)
    for rule in bill.get("firewall", {}).get("rules", ()):
        ports = ", ".join(map(str, rule["ports"]))
        yield Step("firewall", f"{rule['name']}: {rule['protocol']} {ports}", names)
    for unit, states in bill.get("units", {}).items():
        yield Step("units", f"{unit}: {_words(states)}", {**names, "unit_role": unit_role(unit, node)})


def run_steps(facts: Facts, kind: str) -> Iterator[Step]:
    """The commands of a guide, or what it looks at in the end."""
    for entry in facts[kind]:
        text = guides.PLACEHOLDER.sub(lambda match: match[1].rsplit(".", 1)[1].upper(), entry["run"])
        yield Step(kind, text, {"program_role": role(text)})


def inventory(facts: Facts) -> dict[str, Any]:
    """The hosts of a guide as an inventory: what its reader would give to the playbooks."""
    groups: dict[str, Any] = {}
    for node, place in facts["topology"].items():
        # A guide that ends before its compute host has no address for it.
        if "address" in place:
            host = {"ansible_host": place["address"], "cloud_management_address": place["address"]}
            if "provider" in place.get("interfaces", {}):
                host["neutron_provider_interface"] = place["interfaces"]["provider"]
            groups[node] = {"hosts": {alias(place["host"]): host}}
    controller = facts["topology"]["controller"]
    in_urls = "address" if "address }}" in str(facts.get("keystone", {}).get("services")) else "host"
    variables = {"cloud_controller_host": controller[in_urls], "cloud_secrets_file": "~/cloud-secrets.yml"}
    return {"all": {"children": groups, "vars": variables}}


def alias(host: str) -> str:
    """A name for a host in the inventory, where groups have names too."""
    return f"{host}1" if host in NODES else host


def page(release: str, sources: Sources) -> str:
    """The page of a guide, as Markdown."""
    facts = guides.guide(release)
    title, _colon, subject = summary((guides.SEEDS / f"{release}.yml").read_text()).partition(": ")
    lines = [f"# {title}", "", subject[:1].upper() + subject[1:], ""]
    lines += _play(facts)
    lines += ["## What the guide begins with", "", *(f"- {entry}" for entry in facts["assumes"]), ""]
    lines += ["", "`stackwright.nova.site` deploys such services too, from Debian's packages."]
    cloud = list(cloud_steps(facts))
    lines += _table("Passwords", [step for step in cloud if step.kind == "secrets"], sources)
    lines += _table("Databases", [step for step in cloud if step.kind == "databases"], sources)
    keystone = [step for step in cloud if step.kind not in ("secrets", "databases")]
    lines += _table("Accounts and endpoints", keystone, sources)
    lines += _differences(release, "keystone", sources)
    for node, bill in facts["nodes"].items():
        if not bill:
            lines += ["", f"## On {NODES[node]}", "", "The guide ends here."]
            continue
        lines += _table(f"On {NODES[node]}", list(host_steps(node, bill)), sources)
        lines += _files(release, facts, node, sources)
    lines += _table("Commands", list(run_steps(facts, "commands")), sources)
    lines += _table("What the guide looks at in the end", list(run_steps(facts, "verification")), sources)
    lines += _corrections(facts)
    return "\n".join(lines) + "\n"


def _play(facts: Facts) -> list[str]:
    added = "keystone" not in facts and "databases" not in facts
    command = "stackwright.nova.add_compute -e add_compute_hosts=" + facts["topology"]["compute"]["host"]
    text = yaml.safe_dump(inventory(facts), sort_keys=False)
    missing = "compute" not in inventory(facts)["all"]["children"]
    return [
        "The hosts of the guide as an inventory"
        + (" (it says nothing of the compute host; add one to the group `compute`):" if missing else ":"),
        "",
        "```yaml",
        "# hosts.yml",
        text.rstrip(),
        "```",
        "",
        "All of its steps" + (", where this collection has deployed the controller:" if added else ":"),
        "",
        "```console",
        f"$ ansible-playbook -i hosts.yml {command if added else 'stackwright.nova.site'}",
        "$ ansible-playbook -i hosts.yml stackwright.nova.verify",
        "```",
        "",
    ]


def _table(title: str, steps: Sequence[Step], sources: Sources) -> list[str]:
    if not steps:
        return []
    rows = [(_shown(step), answer(step, sources.answers)) for step in steps]
    # One answer for all that follow each other and have it.
    return ["", f"## {title}", "", *table(("the guide", "here"), _merged(rows))]


def _shown(step: Step) -> str:
    if step.kind in ("commands", "verification"):
        return f"`{step.text}`"
    if step.kind == "secrets":
        return step.names["what"]
    return step.text


def _merged(rows: Iterable[tuple[str, str]]) -> list[tuple[str, str]]:
    merged: list[tuple[str, str]] = []
    for left, right in rows:
        if merged and merged[-1][1] == right:
            merged[-1] = (f"{merged[-1][0]}<br>{left}", right)
        else:
            merged.append((left, right))
    return merged


def _files(release: str, facts: Facts, node: str, sources: Sources) -> list[str]:
    lines: list[str] = []
    options = [option for option in guides.options(facts) if option.node == node]
    for path in dict.fromkeys(option.path for option in options):
        rows = [
            (
                f"`[{option.section}] {option.name}`",
                _code(_resolved(option.value, facts)),
                _here(release, facts, option, sources),
            )
            for option in options
            if option.path == path and option.value is not None
        ]
        lines += ["", f"### {path} on {NODES[node]}", "", *table(("option", "the guide", "here"), rows)]
    return lines


def _here(release: str, facts: Facts, option: guides.Option, sources: Sources) -> str:
    for entry in sources.deviations:
        if release in entry["guides"] and option.pointer in entry["at"]:
            shown = "" if entry["collection"] is None else f"{_code(_resolved(entry['collection'], facts))}. "
            return f"{shown}{entry['why']}"
    files = sources.rendered.get(f"{release}_{option.node}", {})
    written = _written(files, option)
    if written is not None:
        return "the same" if written == _resolved(option.value, facts) else _code(written)
    for guide, section, name, verdict, hint in sources.verdicts:
        found = guide in (release, f"{release}/{option.node}") and (section, name) == option[2:4]
        if found and (successor := SUCCESSOR.match(hint)):
            value = _written(files, option._replace(section=successor[1], name=successor[2]))
            return f"{_code(hint)}: " + (_code(value) if value is not None else "the release's default")
        if found and verdict == "refused" and not hint:
            return f"not written; {JUDGE} has no such option"
    return "not written; the release's default"


def _written(files: Rendered, option: guides.Option) -> str | None:
    """What the roles write for an option, in whichever of the service's files."""
    folder = str(Path(option.path).parent)
    names = [option.path, *(path for path in files if str(Path(path).parent) == folder)]
    for path in names:
        value = files.get(path, {}).get(option.section, {}).get(option.name)
        if value is not None:
            return guides.as_text(value)
    return None


def _differences(release: str, begin: str, sources: Sources) -> list[str]:
    entries = [
        entry
        for entry in sources.deviations
        if release in entry["guides"] and any(pointer.startswith(begin) for pointer in entry["at"])
    ]
    return [
        "",
        *(
            f"- {entry['at'][0].split(' > ', 1)[1]}: `{entry['collection']}`. {entry['why']}"
            for entry in entries
        ),
    ]


def _corrections(facts: Facts) -> list[str]:
    rows = [
        (
            "<br>".join(_plain(pointer) for pointer in entry["at"][:3])
            + ("<br>…" if len(entry["at"]) > 3 else ""),
            _original(entry),
            entry["why"],
        )
        for entry in facts["corrections"]
    ]
    return [
        "",
        "## Where the guide is wrong, or leaves it open",
        "",
        *table(("where", "the guide has", "why not"), rows),
    ]


def _original(correction: Mapping[str, Any]) -> str:
    """What the guide has in place of a fact."""
    text = correction.get("guide", correction.get("named"))
    return "nothing" if text is None else _code(guides.as_text(text).replace(guides.HERE, "…"))


def _resolved(value: Any, facts: Facts) -> str:
    """A value of a guide; a password is named as the collection's variable."""
    known = {**guides.names(facts), **{f"secret.{name}": variable(name) for name in facts.get("secrets", {})}}
    return guides.PLACEHOLDER.sub(lambda match: known[match[1]], guides.as_text(value))


def _package_groups(packages: Sequence[str]) -> list[list[str]]:
    """The packages by what the answers say of them: those that nobody needs here apart."""
    idle = re.compile(r"httpd|mod_wsgi|wget|sysfsutils")
    groups = [[name for name in packages if not idle.search(name)]]
    groups += [[name] for name in packages if idle.search(name)]
    return [group for group in groups if group]


def _some(lines: Sequence[str]) -> str:
    return f"`{lines[0]}`" + (f" and {len(lines) - 1} more" if len(lines) > 1 else "")


def _words(states: Iterable[str]) -> str:
    return ", ".join(state.replace("_", " ") for state in states)


def _plain(pointer: str) -> str:
    return pointer.replace("nodes > ", "").replace(" > options", "").replace(" > ", ", ")


def _code(text: str) -> str:
    fence = "``" if "`" in text else "`"
    return f"{fence}{' '.join(text.split())}{fence}"
