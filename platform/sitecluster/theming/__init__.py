"""Themes: folders of templates, static files and design tokens; a site picks one by name.

`catalogue` knows the installed themes, `loading` finds their templates, `sheet` makes the style
sheet of each, `inspection` says what is wrong with one before a citizen sees it.
"""
