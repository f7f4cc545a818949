"""The embedded AWS of this machine, seen from outside: one server, one folder, one URL on loopback.

It is a process of its own, `python -m local_aws`. Nothing here imports it: `up` starts it, `down` ends it, `status`
tells how it is. Who serves a folder is known by two things that must agree: the file `server.json` in the folder, and
the token that the server at the file's URL answers with.
"""
