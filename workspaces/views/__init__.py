"""Pages of the house: health, gallery, members, invitations, switching workspaces."""
