"""The demo story: two believable companies, told through the same services that the screens use."""
