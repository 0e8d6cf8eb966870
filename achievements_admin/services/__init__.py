"""The verbs: the only place that joins Apple's API, the domain's rules and the database."""
