"""Addresses of the house's own pages."""

from django.urls import path

from workspaces import views

app_name = "workspaces"
urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("gallery/", views.gallery, name="gallery"),
]
