"""The post office, plain Python: letters written once and filled per recipient, handed over, and what comes back.

`addresses` may we write there, and is it the same person; `letters` what is mailed; `transport` the hand-over and what
is known of it; `bounces` and `returnpath` what returns, `inbox` and `listening` the ways it comes in; `catching` a mail
catcher for trying out. `encoding`, `slots` and `smtp` are the parts underneath. No Django here: whoever sends decides
what is stored.
"""
