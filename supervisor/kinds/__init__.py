"""Definitions of all served kinds.

`base` defines what a definition consists of; `all` lists the kinds. Each kind is a file
or folder that defines `KIND`: names, verbs, defaults, validation, field selectors,
table columns, description, deletion and older versions. To add a kind, write such a
file, add it to `all`, and add its schema.
"""
