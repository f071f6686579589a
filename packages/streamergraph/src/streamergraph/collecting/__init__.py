"""Collecting from Twitch: who is live, who is in their chats, tick by tick, for weeks."""
