from django.urls import path

from clinic.console import boxes_views, language_view, login, patient_views, to_check_views

urlpatterns = [
    path("", patient_views.patients, name="patients"),
    path("patients/<str:patient_id>/seances", patient_views.sessions, name="sessions"),
    path("a-verifier", to_check_views.to_check, name="to-check"),
    path("boites", boxes_views.boxes, name="boxes"),
    path("connexion", login.sign_in, name="login"),
    path("deconnexion", login.sign_out, name="logout"),
    path("langue", language_view.choose, name="language"),
]
handler404 = "clinic.console.errors.not_found"
handler403 = "clinic.console.errors.refused"
handler500 = "clinic.console.errors.failed"
