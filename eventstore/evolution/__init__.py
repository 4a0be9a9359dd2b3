"""The evolution gate: stored events stay readable, and rows of a changed projector are rebuilt.

Each app keeps a file `shapes.json` under version control, as it keeps its migrations: the shape of every version of
every event and command that it has ever stored, and a fingerprint of every version of its projectors. History is never
edited, so the file only ever grows.

- `notation`: a shape, as text that reads like the class;
- `source`, `dependencies`, `fingerprint`: the code that the rows of a projector depend on, as a hash;
- `files`: the recorded shapes and fingerprints; `declared`: those of the code;
- `gate`: the faults between the two; `record`: new entries;
- `samples`: made-up data of an old shape, by which `upcasters` are tried.
"""
