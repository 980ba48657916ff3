"""Addresses of the pages of access."""

from django.urls import path

from access.views import (
    decisions,
    identifying,
    policies,
    roles,
    rules,
    staff,
    systems,
    tasks,
)

app_name = "access"
urlpatterns = [
    path("", systems.systems, name="systems"),
    path("add/", systems.add, name="add"),
    path("systems/<uuid:pk>/", systems.system, name="system"),
    path("systems/<uuid:pk>/users/", systems.users, name="users"),
    path("systems/<uuid:pk>/remove/", systems.remove, name="remove"),
    path("systems/<uuid:pk>/rule/", rules.rule, name="rule"),
    path("systems/<uuid:pk>/rule/preview/", rules.preview_rule, name="preview_rule"),
    path("systems/<uuid:pk>/rule/add-role/", rules.add_role, name="add_role"),
    path("identify/", identifying.queue, name="queue"),
    path("identify/many/", identifying.identify_many, name="identify_many"),
    path("identify/accept/", identifying.accept, name="accept"),
    path("decisions/<uuid:pk>/undo/", decisions.undo, name="undo"),
    path("accounts/<uuid:pk>/", decisions.account, name="account"),
    path("accounts/<uuid:pk>/identify/", identifying.identify, name="identify"),
    path("accounts/<uuid:pk>/approve/", decisions.approve, name="approve"),
    path("monitoring/", tasks.tasks, name="monitoring"),
    path("monitoring/<slug:check_id>/", tasks.tasks, name="tasks"),
    path("tasks/<uuid:pk>/", tasks.task, name="task"),
    path("policies/", policies.policies, name="policies"),
    path("policies/calendar/", policies.calendar, name="calendar"),
    path("policies/<slug:check_id>/", policies.policy, name="policy"),
    path("org-roles/", roles.org_roles, name="org_roles"),
    path("staff/<uuid:pk>/", staff.staff, name="staff"),
    path("staff/<uuid:pk>/offboard/", staff.offboard, name="offboard"),
    path("staff/<uuid:pk>/reinstate/", staff.reinstate, name="reinstate"),
]
