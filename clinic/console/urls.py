from django.urls import path

from clinic.console import (
    boxes_views,
    care_team_views,
    delivery_views,
    emergency_views,
    follow_up_views,
    help_views,
    language_view,
    login,
    message_views,
    patient_views,
    people_views,
    request_views,
    security_views,
    standing_views,
    to_check_views,
)

urlpatterns = [
    path("", patient_views.patients, name="patients"),
    path("patients/<str:patient_id>/seances", patient_views.sessions, name="sessions"),
    path("patients/<str:patient_id>/suivi", follow_up_views.follow_up, name="follow-up"),
    path("patients/<str:patient_id>/messages", message_views.messages, name="messages"),
    path("patients/<str:patient_id>/situation", standing_views.standing, name="standing"),
    path("aide", help_views.requests_for_help, name="help"),
    path("aide/<int:help_id>", help_views.one_request, name="one-help"),
    path("livraisons", delivery_views.deliveries, name="deliveries"),
    path("livraisons/<int:delivery_id>", delivery_views.one_delivery, name="delivery"),
    path("a-verifier", to_check_views.to_check, name="to-check"),
    path("boites", boxes_views.boxes, name="boxes"),
    path("connexion", login.sign_in, name="login"),
    path("deconnexion", login.sign_out, name="logout"),
    path("connexion/code", login.code, name="code"),
    path("securite", security_views.security, name="security"),
    path("securite/second-facteur", security_views.set_up, name="second-factor"),
    path("securite/renouveler", security_views.renew, name="renew-second-factor"),
    path("securite/mot-de-passe", security_views.password, name="password"),
    path("securite/ailleurs", security_views.sign_out_elsewhere, name="sign-out-elsewhere"),
    path("personnel", people_views.people, name="people"),
    path("personnel/nouveau", people_views.new_person, name="new-person"),
    path("personnel/<int:person_id>", people_views.person, name="person"),
    path("personnel/<int:person_id>/compte", people_views.account, name="account"),
    path("equipes", people_views.teams, name="teams"),
    path("demandes", request_views.requests, name="requests"),
    path("demandes/nouvelle", request_views.new_request, name="new-request"),
    path("demandes/<int:request_id>", request_views.one_request, name="request"),
    path("patients/<str:patient_id>/demande", request_views.request_for, name="request-for"),
    path("patients/<str:patient_id>/equipe", care_team_views.care_team, name="care-team"),
    path("patients/<str:patient_id>/equipe/entrer", care_team_views.add_to_team, name="add-to-team"),
    path("patients/<str:patient_id>/equipe/<int:participant_id>/sortir", care_team_views.leave_team, name="leave-team"),
    path(
        "patients/<str:patient_id>/accords/<int:consent_id>/retirer", care_team_views.withdraw, name="withdraw-consent"
    ),
    path("patients/<str:patient_id>/lectures", care_team_views.readers, name="readers"),
    path("urgence", emergency_views.open_in_emergency, name="emergency"),
    path("urgence/fermer", emergency_views.close_emergency, name="close-emergency"),
    path("langue", language_view.choose, name="language"),
]
handler404 = "clinic.console.errors.not_found"
handler403 = "clinic.console.errors.refused"
handler500 = "clinic.console.errors.failed"
