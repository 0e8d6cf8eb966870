"""Apple's rules and limits as switches: most of them are published nowhere, so each can be turned the other way."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from typing import Any

# [D] "Managing metadata in your app by using locale shortcodes" (facts 1.3).
LOCALES = frozenset(
    "ar-SA bn-BD ca zh-Hans zh-Hant hr cs da nl-NL en-AU en-CA en-GB en-US fi fr-FR fr-CA de-DE el gu-IN he hi hu id "
    "it ja kn-IN ko ms ml-IN mr-IN no or-IN pl pt-BR pt-PT pa-IN ro ru sk sl-SI es-MX es-ES sv ta-IN te-IN th tr uk "
    "ur-PK vi".split()
)


@dataclass(frozen=True, slots=True)
class Rules:
    """What the server insists on. Seconds are seconds of the simulator's clock."""

    # --- Limits (facts 1.1, 1.2, 1.4, 1.5)
    points_min: int = 0  # [D] Apple's own samples hold 0; clients enforce 1
    points_max: int = 100  # [H] Achievements
    total_points_max: int = 1000  # [H] Manage groups: per app, none for a group
    archived_points_count: bool = True  # [I] an archived achievement keeps its points
    achievements_per_app: int = 100  # [H] Manage achievements
    name_max: int = 30  # [R] counted down by Apple's dialog
    description_max: int = 120  # [R] the same
    reference_name_max: int = 255  # [H] Challenges, a sibling page
    vendor_identifier_max: int = 100  # [H] single-byte characters
    vendor_identifier_pattern: str = r"[A-Za-z0-9._-]+"  # [I]
    vendor_identifier_reusable_after_delete: bool = False  # [I] as Apple's other permanent identifiers
    group_prefix_required: bool = True  # [R] clients fail without `grp.`; [H] Create groups
    locales: tuple[str, ...] = ()  # empty: Apple's table of 50 [D]
    submission_items_max: int = 200  # [H] Submit Game Center components
    one_draft_submission: bool = False  # [I] a second draft can be made, as old scripts do
    # --- Versions and editing (facts 2, 3.3)
    creation_names_version: bool = True  # [I] the answer to a creation includes the first version
    one_editable_version: bool = True  # [I]
    new_version_copies_localizations: bool = True  # undocumented; False: a new version is empty
    last_localization_deletable: bool = False  # [R][I]
    v1_live_localization_is_live: bool = True  # [R] measured
    v1_live_text_editable: bool = True  # [A] titles, descriptions and images also after approval
    v1_live_localization_deletable: bool = False  # [I]
    points_frozen_when_live: bool = True  # [A]
    live_undeletable: bool = True  # [D] Game Center achievements
    archive_needs_live: bool = True  # [H] Archive leaderboards and achievements
    restrict_order_to_full_list: bool = True  # [I]
    # --- Review (facts 3.2, 3.4)
    first_components_need_app_version: bool = True  # [H]
    releases_conflict_with_review: bool = True  # [R]
    image_required_for_review: bool = True  # [R]
    review_outcome: str = "approve"  # or "reject": every version is rejected
    review_start_seconds: float = 20.0
    review_seconds: float = 30.0
    publish_seconds: float = 0.0  # from approval to LIVE when no app version is in the submission
    cancel_seconds: float = 3.0  # [R] cancelling is asynchronous; 0 makes it immediate
    # --- Images (facts 1.4, 8)
    image_sizes: tuple[int, ...] = (512, 1024)  # [A]
    image_alpha_allowed: bool = False  # [H] sibling pages
    image_bytes_max: int = 0  # unpublished; 0: none
    image_processing_seconds: float = 1.0  # [R] seconds to minutes
    upload_part_bytes: int = 5 * 1024 * 1024  # longer files come in several parts
    upload_valid_seconds: float = 3600.0
    reservation_seconds: float = 7 * 86400.0  # [D] about a week
    commit_checks_bytes: bool = True  # [I]
    second_image_refused: bool = True  # [I]
    # --- Groups (facts 4)
    group_member_lists_empty: bool = True  # [R] list at the group
    group_lists_member_achievements: bool = True  # [H] "Move to group": the game's earlier ones show at the group
    # --- The API itself
    v2_refused: bool = False  # every team is refused the second generation: 403
    duplicate_error_second: bool = False  # [R] the duplicate is errors[1] behind a RELATIONSHIP.INVALID
    nulls_for_empty: bool = False  # [R] real answers hold nulls where the schema has none
    missing_related_is_null: bool = False  # a to-one that is not there: 404, or `data: null`
    null_clears_text: bool = True  # [R]
    # --- Quota (facts 7)
    hour_limit: int = 3600  # [R]
    minute_limit: int = 0  # 0: none is enforced
    rate_header: str = "hour"  # hour, minute, both, twice
    retry_after: bool = False  # undocumented, so absent as shipped

    def changed(self, values: Mapping[str, Any]) -> "Rules":
        """The rules with other values; texts are read as the field's type. Raises ValueError for what is no rule."""
        known = {field.name for field in fields(self)}
        unknown = sorted(set(values) - known)
        if unknown:
            raise ValueError(f"there is no rule called {', '.join(unknown)}")
        return replace(self, **{name: _typed(name, value, getattr(self, name)) for name, value in values.items()})

    def allows_locale(self, locale: str) -> bool:
        """Is this one of the locales, in Apple's spelling?"""
        return locale in (self.locales or LOCALES)


def _typed(name: str, value: Any, current: Any) -> Any:
    if isinstance(current, bool):
        if isinstance(value, bool):
            return value
        if str(value).lower() in {"1", "true", "yes", "on"}:
            return True
        if str(value).lower() in {"0", "false", "no", "off"}:
            return False
        raise ValueError(f"{name} is true or false, not {value!r}")
    if isinstance(current, tuple):
        parts = [part for part in value.split(",") if part] if isinstance(value, str) else list(value)
        return tuple(parts) if name == "locales" else tuple(int(part) for part in parts)
    return type(current)(value)
