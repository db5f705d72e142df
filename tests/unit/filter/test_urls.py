# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""URLs out of their parts."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit

import pytest
from ansible.errors import AnsibleFilterError
from ansible_collections.stackwright.nova.plugins.filter.urls import FilterModule, database_url, transport_url
from fakes.passwords import PASSWORDS

RABBIT = {"user": "openstack", "password": "secret", "host": "controller"}
MARIADB = {"user": "nova", "password": "secret", "host": "controller", "database": "nova"}


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "rabbit://openstack:secret@controller/"),
        ({"port": 5672}, "rabbit://openstack:secret@controller:5672/"),
        ({"port": "5672", "vhost": "nova"}, "rabbit://openstack:secret@controller:5672/nova"),
        ({"vhost": "/"}, "rabbit://openstack:secret@controller/"),
        ({"vhost": "/a b"}, "rabbit://openstack:secret@controller/%2Fa%20b"),
        ({"host": "10.0.0.1:5673", "port": 5672}, "rabbit://openstack:secret@10.0.0.1:5673/"),
        ({"host": "fd00::1"}, "rabbit://openstack:secret@[fd00::1]/"),
        ({"host": "[fd00::1]:5673"}, "rabbit://openstack:secret@[fd00::1]:5673/"),
        ({"host": "[fd00::1]", "port": 1}, "rabbit://openstack:secret@[fd00::1]:1/"),
        (
            {"hosts": ["a", "b:1", {"host": "fd00::1", "port": 2}, {"host": "c"}], "port": 5672},
            "rabbit://openstack:secret@a:5672,openstack:secret@b:1,openstack:secret@[fd00::1]:2,"
            "openstack:secret@c:5672/",
        ),
        ({"password": None}, "rabbit://openstack@controller/"),
        ({"password": ""}, "rabbit://openstack:@controller/"),
        ({"password": 12}, "rabbit://openstack:12@controller/"),
        ({"user": None, "password": None}, "rabbit://controller/"),
        ({"scheme": "kombu+memory"}, "kombu+memory://openstack:secret@controller/"),
        (
            {"query": {"ssl": True, "a b": "c&d", "none": None}},
            "rabbit://openstack:secret@controller/?ssl=true&a%20b=c%26d",
        ),
    ],
)
def test_transport_url(parts, expected):
    assert transport_url({**RABBIT, **parts}) == expected
    assert transport_url(RABBIT, **parts) == expected


@pytest.mark.parametrize(
    ("parts", "expected"),
    [
        ({}, "mysql+pymysql://nova:secret@controller/nova"),
        ({"port": 3306}, "mysql+pymysql://nova:secret@controller:3306/nova"),
        ({"host": "fd00::1"}, "mysql+pymysql://nova:secret@[fd00::1]/nova"),
        ({"scheme": "postgresql"}, "postgresql://nova:secret@controller/nova"),
        (
            {"host": None, "query": {"unix_socket": "/run/mysqld.sock"}},
            "mysql+pymysql://nova:secret@/nova?unix_socket=/run/mysqld.sock",
        ),
        ({"query": {"charset": "utf8"}}, "mysql+pymysql://nova:secret@controller/nova?charset=utf8"),
    ],
)
def test_database_url(parts, expected):
    assert database_url({**MARIADB, **parts}) == expected


@pytest.mark.parametrize("password", PASSWORDS)
def test_nothing_in_a_password_is_left_with_a_meaning(password):
    # PyMySQL sends the Latin-1 bytes of what it is given, and these must be the password's UTF-8 bytes.
    for url, encoding in (
        (transport_url(RABBIT, password=password), "utf-8"),
        (database_url(MARIADB, password=password), "latin-1"),
        (database_url(MARIADB, password=password, scheme="postgresql"), "utf-8"),
    ):
        split = urlsplit(url)
        assert unquote(split.password).encode(encoding) == password.encode()
        assert split.hostname == "controller"
        assert "$" not in url


@pytest.mark.parametrize(
    ("function", "parts", "told"),
    [
        (
            transport_url,
            {"pasword": "x"},
            "pasword is not a part of the URL; the parts are host, hosts, password",
        ),
        (transport_url, {"host": None}, "None is not a host"),
        (transport_url, {"host": "a b"}, "'a b' is not a host"),
        (transport_url, {"host": "user@host"}, "is not a host"),
        (transport_url, {"hosts": "a,b"}, "hosts must be a list"),
        (transport_url, {"port": 99999}, "99999 is not a port"),
        (transport_url, {"port": "amqp"}, "'amqp' is not a port"),
        (transport_url, {"scheme": "a b"}, "'a b' is not a scheme"),
        (transport_url, {"user": ""}, "there is a password, but no user"),
        (database_url, {"database": ""}, "'' cannot be the name of a database"),
        (database_url, {"database": "a?b"}, "'a?b' cannot be the name"),
        (database_url, {"hosts": ["a"]}, "hosts is not a part of the URL"),
    ],
)
def test_refusals(function, parts, told):
    base = RABBIT if function is transport_url else MARIADB
    with pytest.raises(AnsibleFilterError) as error:
        function({**base, **parts})
    assert told in str(error.value)
    with pytest.raises(AnsibleFilterError, match="must be a dictionary"):
        function("rabbit://")


def test_the_filters_are_found_under_their_names():
    assert FilterModule().filters() == {"transport_url": transport_url, "database_url": database_url}


@pytest.mark.parametrize("part", ["host", "port", "scheme", "database"])
@pytest.mark.parametrize("given", ["nova:S3cretTail@db", "mysql://nova:S3cretTail@db/nova", "S3cretTail/x?"])
def test_refusals_do_not_show_what_may_hold_a_password(part, given):
    with pytest.raises(AnsibleFilterError) as error:
        database_url({**MARIADB, part: given})
    assert "what is given (not shown, for it may hold a password)" in str(error.value)
    assert "S3cret" not in str(error.value)
