// Runs before the first paint: the chosen theme, and the time zone for the server.
(() => {
  try {
    const theme = localStorage.getItem("parlor:theme");
    if (theme) document.documentElement.dataset.theme = theme;
  } catch { /* storage is blocked: the system's theme stays */ }
  const zone = Intl.DateTimeFormat().resolvedOptions().timeZone || "";
  document.cookie = `tz=${encodeURIComponent(zone)}; path=/; max-age=31536000; samesite=lax`;
})();
