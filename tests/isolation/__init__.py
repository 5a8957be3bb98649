"""No site reads or writes what is another's, at any address of the admin (issue 4, section 7).

`marks` and `content*` fill two sites; `patterns` and `arguments` find every address and what to
ask of it; `asking` asks; `checks` says what was wrong with the answer.
"""
