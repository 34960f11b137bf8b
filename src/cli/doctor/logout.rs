//! Whether the system ends a user's runs when the user logs out.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use super::Check;

/// Where systemd looks for logind's settings; the last word counts.
const MAIN_FILES: [&str; 3] =
    ["usr/lib/systemd/logind.conf", "run/systemd/logind.conf", "etc/systemd/logind.conf"];

/// Folders of settings that are read after the main file, together sorted by file name.
const FOLDERS: [&str; 3] =
    ["usr/lib/systemd/logind.conf.d", "run/systemd/logind.conf.d", "etc/systemd/logind.conf.d"];

/// What becomes of runs at logout.
pub fn check() -> Check {
    let user = env::var("USER").or_else(|_| env::var("LOGNAME")).unwrap_or_default();
    judge(Path::new("/"), &user)
}

fn judge(root: &Path, user: &str) -> Check {
    let name = "logout";
    if !root.join("run/systemd/system").is_dir() {
        return Check::fine(name, "no systemd is here, which could end runs at logout");
    }
    let settings = Settings::read(root);
    if !settings.kills(user) {
        return Check::fine(name, "runs go on after logout");
    }
    if root.join("var/lib/systemd/linger").join(user).exists() {
        return Check::fine(name, format!("runs go on after logout, because {user} lingers"));
    }
    let detail = "systemd ends all of a user's programs at logout (KillUserProcesses=yes)";
    Check::wrong(name, detail, "loginctl enable-linger")
}

#[derive(Debug, Default)]
struct Settings {
    kill: bool,
    only: Vec<String>,
    /// The superuser is spared unless a setting says otherwise.
    exclude: Option<Vec<String>>,
}

impl Settings {
    fn read(root: &Path) -> Self {
        let mut settings = Self::default();
        for file in files(root) {
            for line in fs::read_to_string(file).unwrap_or_default().lines() {
                settings.hear(line.trim());
            }
        }
        settings
    }

    fn hear(&mut self, line: &str) {
        let Some((key, value)) = line.split_once('=') else { return };
        let names = || value.split_whitespace().map(str::to_owned).collect();
        match key.trim() {
            // A setting that is commented out tells what systemd was compiled with.
            "KillUserProcesses" | "#KillUserProcesses" => {
                self.kill = matches!(value.trim(), "yes" | "true" | "on" | "1");
            }
            "KillOnlyUsers" => self.only = names(),
            "KillExcludeUsers" => self.exclude = Some(names()),
            _ => {}
        }
    }

    fn kills(&self, user: &str) -> bool {
        let listed = |names: &[String]| names.iter().any(|name| name == user);
        let excluded = self.exclude.as_deref().map_or(user == "root", listed);
        let meant = self.only.is_empty() || listed(&self.only);
        self.kill && meant && !excluded
    }
}

fn files(root: &Path) -> Vec<PathBuf> {
    let folders = FOLDERS.iter().filter_map(|folder| fs::read_dir(root.join(folder)).ok());
    let mut added: Vec<PathBuf> = folders.flatten().flatten().map(|entry| entry.path()).collect();
    added.retain(|path| path.extension().is_some_and(|extension| extension == "conf"));
    added.sort_by_key(|path| path.file_name().map(ToOwned::to_owned));
    let main = MAIN_FILES.iter().map(|file| root.join(file)).filter(|file| file.is_file());
    main.chain(added).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn write(root: &Path, file: &str, text: &str) {
        let path = root.join(file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn check(files: &[(&str, &str)], user: &str, ok: bool) {
        let root = tempfile::tempdir().unwrap();
        fs::create_dir_all(root.path().join("run/systemd/system")).unwrap();
        for (file, text) in files {
            write(root.path(), file, text);
        }
        assert_eq!(judge(root.path(), user).ok, ok, "{files:?} {user}");
    }

    #[test]
    fn a_user_whose_programs_end_at_logout_is_told_how_to_linger() {
        let main = "etc/systemd/logind.conf";
        let kills = (main, "[Login]\nKillUserProcesses=yes\n");
        check(&[(main, "[Login]\n#KillUserProcesses=no\n")], "ada", true);
        check(&[(main, "[Login]\n#KillUserProcesses=yes\n")], "ada", false);
        check(&[kills], "ada", false);
        check(&[kills], "root", true);
        check(&[kills, ("etc/systemd/logind.conf.d/9.conf", "KillUserProcesses=no")], "ada", true);
        check(&[kills, ("usr/lib/systemd/logind.conf.d/1.conf", "KillOnlyUsers=bob")], "ada", true);
        check(&[kills, ("run/systemd/logind.conf.d/1.conf", "KillExcludeUsers=")], "root", false);
        check(&[kills, ("var/lib/systemd/linger/ada", "")], "ada", true);
    }

    #[test]
    fn without_systemd_nothing_ends_at_logout() {
        let root = tempfile::tempdir().unwrap();
        assert!(judge(root.path(), "ada").ok);
    }
}
