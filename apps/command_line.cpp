// SPDX-License-Identifier: Apache-2.0
#include "apps/command_line.hpp"

#include "core/text.hpp"

#include <boost/program_options.hpp>

namespace r1::apps {
namespace {

namespace po = boost::program_options;
using Texts = std::vector<std::string>;

constexpr int kMostThreads = 4096;

po::options_description options() {
  po::options_description all;
  auto add = all.add_options();
  for (const char* name : {"help,h", "version,V", "json", "validate", "print-config", "dry-run",
                           "overwrite", "share-gpu", "reproducible", "status"})
    add(name, "");
  for (const char* name : {"template", "output,o", "log-level", "color", "restart", "walltime"})
    add(name, po::value<std::string>(), "");
  add("schema", po::value<std::string>()->implicit_value("json"), "");
  add("set", po::value<Texts>()->composing(), "");
  add("threads", po::value<std::string>(), "");
  add("input", po::value<std::string>(), "");
  return all;
}

Texts option_names() {
  Texts names;
  const auto all = options();
  for (const auto& option : all.options())
    if (option->long_name() != "input") names.push_back(option->long_name());
  return names;
}

[[noreturn]] void refuse_option(const Program& program, const std::string& given) {
  const std::string bare = given.substr(std::min(given.size(), given.find_first_not_of('-')));
  std::string text = "unknown option '" + shortened(given) + "'";
  if (const auto near = nearest_name(bare, option_names()))
    text += " (did you mean '--" + *near + "'?)";
  throw CommandLineError(text + "; " + program.name + " --help lists them all");
}

po::variables_map parsed(const Program& program, int argc, const char* const* argv) {
  // Without guessing: an abbreviation would change its meaning with the next option that is added.
  constexpr int style =
      po::command_line_style::unix_style & ~po::command_line_style::allow_guessing;
  const auto known = options();
  const auto positions = po::positional_options_description().add("input", 1);
  po::variables_map values;
  try {
    const auto found =
        po::command_line_parser(argc, argv).options(known).positional(positions).style(style).run();
    po::store(found, values);
  } catch (const po::unknown_option& error) {
    refuse_option(program, error.get_option_name());
  } catch (const po::too_many_positional_options_error&) {
    throw CommandLineError(std::string("more than one input file; expected one: ") + program.name +
                           " [options] input.yaml");
  } catch (const po::error& error) {
    throw CommandLineError(std::string(error.what()) + "; see " + program.name + " --help");
  }
  return values;
}

std::string text_of(const po::variables_map& values, const char* name) {
  return values.count(name) > 0 ? values[name].as<std::string>() : std::string();
}

[[noreturn]] void refuse_value(const std::string& option, const std::string& value,
                               const Texts& expected) {
  const auto near = nearest_name(value, expected);
  throw CommandLineError("--" + option + ": found '" + shortened(value) + "', expected " +
                         joined(expected, " | ") +
                         (near ? " (did you mean '" + *near + "'?)" : ""));
}

io::Override override_of(const Program& program, const std::string& text) {
  const auto at = text.find('=');
  if (at == std::string::npos || at == 0)
    throw CommandLineError("--set: found '" + shortened(text) + "', expected path=value, such as " +
                           program.change);
  return {text.substr(0, at), text.substr(at + 1)};
}

int threads_of(const std::string& text) {
  const bool digits =
      !text.empty() && text.size() < 6 && text.find_first_not_of("0123456789") == std::string::npos;
  const int threads = digits ? std::stoi(text) : 0;
  if (threads < 1 || threads > kMostThreads)
    throw CommandLineError("--threads: found '" + shortened(text) +
                           "', expected a number of threads per rank from 1 to " +
                           std::to_string(kMostThreads));
  return threads;
}

void choose_restart(const std::string& text, Command& command) {
  if (text == "none") command.restart = Restart::none;
  if (text == "auto" || text == "none") return;
  if (text.empty())
    throw CommandLineError("--restart: found nothing, expected auto, none or a file");
  command.restart = Restart::from_file;
  command.restart_file = text;
}

Action action_of(const po::variables_map& values) {
  if (values.count("help") > 0) return Action::help;
  if (values.count("version") > 0)
    return values.count("json") > 0 ? Action::version_json : Action::version;
  if (values.count("json") > 0)
    throw CommandLineError("--json goes with --version, as in --version --json");
  if (values.count("schema") > 0) {
    const auto form = text_of(values, "schema");
    if (form == "json") return Action::schema;
    if (form == "markdown") return Action::schema_markdown;
    refuse_value("schema", form, {"json", "markdown"});
  }
  if (values.count("template") > 0) return Action::starter;
  Texts given;
  Action action = Action::run;
  const auto choose = [&](const char* name, Action chosen) {
    if (values.count(name) == 0) return;
    given.push_back("--" + std::string(name));
    action = chosen;
  };
  choose("validate", Action::validate);
  choose("print-config", Action::print_config);
  choose("dry-run", Action::dry_run);
  choose("status", Action::status);
  if (given.size() > 1)
    throw CommandLineError(joined(given, " and ") + " exclude each other; give one of them");
  return action;
}

bool needs_input(Action action) {
  return action == Action::run || action == Action::validate || action == Action::print_config ||
         action == Action::dry_run || action == Action::status;
}

}  // namespace

Command parse_command_line(const Program& program, int argc, const char* const* argv) {
  const auto values = parsed(program, argc, argv);
  Command command;
  command.action = action_of(values);
  if (command.action == Action::help || command.action == Action::version) return command;
  command.starter = text_of(values, "template");
  command.input = text_of(values, "input");
  if (command.input.empty() && needs_input(command.action))
    throw CommandLineError(std::string("no input file; expected ") + program.name +
                           " [options] input.yaml (see " + program.name + " --help)");
  if (values.count("set") > 0)
    for (const auto& text : values["set"].as<Texts>())
      command.overrides.push_back(override_of(program, text));
  if (values.count("reproducible") > 0) command.overrides.push_back({program.reproducible, "true"});
  if (values.count("output") > 0) {
    if (text_of(values, "output").empty())
      throw CommandLineError("-o: found no name, expected a folder");
    command.directory = text_of(values, "output");
  }
  if (values.count("overwrite") > 0) command.existing = Existing::overwritten;
  if (values.count("restart") > 0) choose_restart(text_of(values, "restart"), command);
  if (values.count("walltime") > 0) command.walltime = text_of(values, "walltime");
  if (values.count("share-gpu") > 0) command.gpu_sharing = GpuSharing::allowed;
  if (values.count("threads") > 0) command.threads = threads_of(text_of(values, "threads"));
  if (const auto text = text_of(values, "log-level"); values.count("log-level") > 0) {
    const auto level = parse_log_level(text);
    if (!level) refuse_value("log-level", text, {"trace", "debug", "info", "warning", "error"});
    command.log_level = *level;
  }
  if (const auto text = text_of(values, "color"); values.count("color") > 0) {
    const auto mode = parse_color_mode(text);
    if (!mode) refuse_value("color", text, {"auto", "always", "never"});
    command.color = *mode;
  }
  return command;
}

}  // namespace r1::apps
