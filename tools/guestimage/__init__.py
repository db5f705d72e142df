"""A bootable guest of a few megabytes, made of Debian's kernel, static busybox and one script."""
