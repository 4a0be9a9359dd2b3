"""The evolution gate: what has once been stored can still be read, and what has once been built is built anew.

Each app keeps a file `shapes.json` under version control, as it keeps its migrations: the shape of every version of
every event and command that it has ever stored, and a fingerprint of every version of its projectors. History is never
edited, so the file only ever grows.

- `notation`: a shape, as text that reads like the class;
- `source`, `columns`, `fingerprint`: what the rows of a projector depend on;
- `files`: the recorded ones; `present`: those of the code;
- `gate`: what is wrong between the two; `record`: the next entries;
- `samples`: made-up data of an old shape, which `upcasters` are tried with.
"""
