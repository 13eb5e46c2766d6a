"""Composition root of the signer, the only importer of `core/adapters/keys`. Empty until custody is built."""
