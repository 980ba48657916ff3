"""Addresses of the directory's pages."""

from django.urls import path

from people import views

app_name = "people"
urlpatterns = [
    path("", views.directory, name="directory"),
    path("add/", views.add, name="add"),
    path("<uuid:pk>/edit/", views.edit, name="edit"),
    path("org-roles/", views.org_roles, name="org_roles"),
    path("org-roles/create/", views.create_org_role, name="create_org_role"),
    path("org-roles/<uuid:pk>/rename/", views.rename_org_role, name="rename_org_role"),
]
