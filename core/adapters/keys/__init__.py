"""The place of wallet keys: opened and used in the signer's process alone. Empty until custody is built.

It stands here already so that the import contract 'Key material is reachable from the signer process only' has something to
guard from the first commit.
"""
