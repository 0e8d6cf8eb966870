"""Addresses of the team page and of invitations."""

from django.urls import URLPattern, path

from . import members, teams

urlpatterns: list[URLPattern] = [
    path("team/", teams.page, name="team"),
    path("team/connect", teams.connect, name="team-connect"),
    path("team/keys/<int:key_pk>/remove", teams.remove_key, name="team-remove-key"),
    path("team/<int:team_pk>/generation", teams.set_generation, name="team-generation"),
    path("team/invite", members.invite, name="team-invite"),
    path("team/invitations/<int:invitation_pk>/withdraw", members.withdraw, name="team-withdraw"),
    path("team/members/<int:member_pk>/role", members.set_role, name="team-role"),
    path("team/members/<int:member_pk>/remove", members.remove, name="team-remove-member"),
    path("invitations/<str:secret>/", members.accept, name="invitation"),
]
