"""Addresses of the directory's pages."""

from django.urls import path

from people.views import directory, importing, roles, staff

app_name = "people"
urlpatterns = [
    path("", directory.directory, name="directory"),
    path("export/", directory.export, name="export"),
    path("change-roles/", directory.change_roles, name="change_roles"),
    path("add/", staff.add, name="add"),
    path("<uuid:pk>/edit/", staff.edit, name="edit"),
    path("org-roles/create/", roles.create_org_role, name="create_org_role"),
    path("org-roles/<uuid:pk>/rename/", roles.rename_org_role, name="rename_org_role"),
    path("org-roles/<uuid:pk>/merge/", roles.merge_org_role, name="merge_org_role"),
    path("org-roles/<uuid:pk>/delete/", roles.delete_org_role, name="delete_org_role"),
    path("imports/", importing.imports, name="imports"),
    path("imports/template/", importing.template, name="import_template"),
    path("imports/<uuid:pk>/", importing.staff_import, name="import"),
    path("imports/<uuid:pk>/apply/", importing.apply, name="apply_import"),
    path("imports/<uuid:pk>/choose/", importing.choose, name="choose_import"),
    path("imports/<uuid:pk>/cancel/", importing.cancel, name="cancel_import"),
    path("confirm-complete/", directory.confirm_complete, name="confirm_complete"),
]
