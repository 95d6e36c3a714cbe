"""What is wrong with the parts of objects, in upstream's words.

Rules
- Checks come after defaults and after the types: what stands here is about meaning.
- Everything wrong is told at once, each thing with the path of its field.
- No check changes the object.

The checks of whole objects are with their kinds, in `supervisor/kinds`.
Follows pkg/apis/core/validation/validation.go.
"""
