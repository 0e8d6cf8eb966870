"""A stand-in for App Store Connect: a process of its own, real HTTP, both API generations from one store.

It imports nothing else of the project, so that it cannot share the project's mistakes; what it knows of Apple comes
from Apple's pages and from what clients have measured. Sources are named as in the project's notes on Apple:
[S] Apple's OpenAPI document, [D] developer documentation, [H] App Store Connect Help, [A] archived documentation,
[R] real clients and forums, [M] remembered wording, [I] inferred.
"""
