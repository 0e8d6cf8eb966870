"""A client of the App Store Connect API for Game Center achievements. Knows no Django and no database."""
