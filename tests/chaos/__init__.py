"""Does a word get lost? Many talks under faults, and what everybody heard held against the database."""
