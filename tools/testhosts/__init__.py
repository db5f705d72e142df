"""Local test hosts: labs of system containers that behave like Debian machines on one network."""
