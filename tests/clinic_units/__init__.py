"""The clinic's units started by a real systemd, confined and under their account: `make clinic-units`, as root.

systemd is the first process of namespaces of its own (processes, mounts, network, control groups), on a copy of this
machine's root in memory: the machine is left as it was. What a namespace cannot show is said at the end.
"""
