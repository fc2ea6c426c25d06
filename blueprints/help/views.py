"""Stub."""

from flask import Blueprint

blueprint = Blueprint("help", __name__, url_prefix="/help")
