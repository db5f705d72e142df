# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The cloud, described once: from the variables of the inventory to what each service has on a host.

``variables`` is the door: it renders each variable once. ``inventory`` is what the inventory says of hosts, ``cloud``
what follows from both for the cloud as one host sees it, and one file for each service says what that service has
there: packages, database, files, units and so on, as one ``Service``. Everything but the door is pure.
"""
