"""Every kind that is served, each described in one place.

`base` says what a description consists of, `all` lists them. Each kind is a file or a
folder here that defines one `KIND`: names, verbs, defaults, validation, field
selectors, table columns, description, deletion, older versions. To add a kind, write
such a file, add it to `all`, and give it a schema.
"""
