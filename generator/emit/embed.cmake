# SPDX-License-Identifier: Apache-2.0
# cmake -DOUTPUT=x.cpp "-DFILES=a.v;b.v" -P embed.cmake: writes C++ that holds the files as text.
set(entries "")
foreach(path IN LISTS FILES)
  file(READ ${path} text)
  get_filename_component(name ${path} NAME_WE)
  string(APPEND entries "    {\"${name}\", R\"verilog(${text})verilog\"},\n")
endforeach()
file(WRITE ${OUTPUT} "// Made by generator/emit/embed.cmake.
#include \"generator/emit/primitives.hpp\"

namespace hasse::emit {

const std::vector<EmbeddedFile>& embedded_files() {
  static const std::vector<EmbeddedFile> files = {
${entries}  };
  return files;
}

}  // namespace hasse::emit
")
