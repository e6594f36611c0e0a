from django.urls import path

from sessions_app.views.pages import chat, inspector, listing, new

urlpatterns = [
    path("chat/", listing.chat_list, name="chat-list"),
    path("chat/search/", listing.chat_search, name="chat-search"),
    path("chat/new/", new.chat_new, name="chat-new"),
    path("chat/<uuid:session_id>/", chat.chat_session, name="chat-session"),
    path("chat/<uuid:session_id>/rename/", chat.chat_rename, name="chat-rename"),
    path("chat/<uuid:session_id>/archive/", chat.chat_archive, name="chat-archive"),
    path("inspect/", inspector.inspect_list, name="inspect-list"),
    path("inspect/<uuid:session_id>/", inspector.inspect_session, name="inspect-session"),
    path("inspect/<uuid:session_id>/steps/<int:step_id>/", inspector.inspect_step, name="inspect-step"),
]
