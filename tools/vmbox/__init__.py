"""A virtual machine like a local test host: Debian's packages, a kernel, and Vagrant's way in."""
